// Chat with a "model". No dependencies: node server.mjs -> http://localhost:3002
// The API looks like everybody's: POST /v1/chat/completions {messages, stream}
import http from 'node:http';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const PORT = process.env.PORT || 3002;
const DELAY = Number(process.env.TOKEN_DELAY_MS || 40);

const ANSWERS = [
  [/onboard/i, 'Sure! A good onboarding has three parts: a clear owner, a short checklist, and a date that everybody knows. Start with the checklist, because it tells you what the owner and the date have to be.'],
  [/haiku/i, 'Tokens drift like leaves,\none by one across the wire —\nthe stream never waits.'],
  [/hello|hi\b|hey/i, 'Hello! Ask me about onboarding, or for a haiku. Ünïcode and emoji like 🚀 are fine too.'],
];

function answer(messages) {
  const last = messages.at(-1)?.content ?? '';
  return (ANSWERS.find(([pattern]) => pattern.test(last)) ?? [0, `You said “${last}”. I am only a canned model, but I stream like a real one.`])[1];
}

const tokens = (text) => text.match(/\s*\S+/gu) ?? [];

async function body(req) {
  const chunks = [];
  for await (const chunk of req) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

function json(res, status, value, headers = {}) {
  res.writeHead(status, { 'Content-Type': 'application/json', ...headers });
  res.end(JSON.stringify(value));
}

async function complete(req, res) {
  let input;
  try { input = await body(req); } catch { return json(res, 400, { error: { message: 'Body is not JSON', type: 'invalid_request_error' } }); }
  if (!Array.isArray(input.messages)) return json(res, 422, { error: { message: 'messages is required', type: 'invalid_request_error' } });
  const text = answer(input.messages);
  if (!input.stream) return json(res, 200, { object: 'chat.completion', model: 'canned-1', choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }] }, { 'x-ratelimit-remaining-tokens': '9999' });

  let gone = false;
  res.on('close', () => { gone = true; });
  res.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8', 'Cache-Control': 'no-cache', Connection: 'keep-alive', 'X-Accel-Buffering': 'no' });
  for (const token of tokens(text)) {
    if (gone) { aborted++; return; }
    res.write(`data: ${JSON.stringify({ object: 'chat.completion.chunk', model: 'canned-1', choices: [{ index: 0, delta: { content: token } }] })}\n\n`);
    await sleep(DELAY);
  }
  res.end('data: [DONE]\n\n');
}

let aborted = 0;

async function ticker(req, res, url) {
  // EventSource flavour: ids, named events, comments, resumes after Last-Event-ID
  let id = Number(req.headers['last-event-id'] ?? 0);
  const until = Number(url.searchParams.get('count') ?? 5);
  res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  res.write('retry: 1000\n: hello\n\n');
  while (id < until && !res.destroyed) {
    id++;
    res.write(`id: ${id}\nevent: tick\ndata: line one of ${id}\ndata: line two\n\n`);
    await sleep(DELAY);
  }
  res.end();
}

http.createServer(async (req, res) => {
  const url = new URL(req.url, 'http://localhost');
  try {
    if (req.method === 'POST' && url.pathname === '/v1/chat/completions') return await complete(req, res);
    if (url.pathname === '/v1/models') return json(res, 200, { data: [{ id: 'canned-1', object: 'model' }] });
    if (url.pathname === '/v1/stats') return json(res, 200, { aborted });
    if (url.pathname === '/events') return await ticker(req, res, url);
    if (url.pathname === '/' && (req.method === 'GET' || req.method === 'HEAD')) {
      res.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' });
      return res.end(await readFile(new URL('index.html', import.meta.url)));
    }
    json(res, 404, { error: { message: `${req.method} ${url.pathname} does not exist`, type: 'not_found' } });
  } catch (e) {
    json(res, 500, { error: { message: e.message, type: 'server_error' } });
  }
}).listen(PORT, () => console.log(`llm-chat on http://localhost:${PORT}`));
