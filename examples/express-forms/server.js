// Equipment requests: people ask for things, IT says yes or no.
// npm install && npm start   ->  http://localhost:3000

const crypto = require('crypto');
const path = require('path');
const express = require('express');
const session = require('express-session');
const compression = require('compression');

const app = express();
const PORT = process.env.PORT || 3000;

// everything lives in memory for now, TODO: real database
const requests = [
  { id: 1, who: 'Ana', item: 'Laptop', reason: 'The old one only boots on Tuesdays', status: 'open' },
  { id: 2, who: 'Jörg', item: 'Second screen', reason: 'Spreadsheets got wider', status: 'approved' },
  { id: 3, who: 'Yuki', item: 'Chair', reason: 'My back.', status: 'declined' },
];
const ITEMS = ['Laptop', 'Second screen', 'Chair', 'Headset', 'Phone', 'Something else'];

app.set('trust proxy', 'loopback');
app.use(compression());
app.use(express.static(path.join(__dirname, 'public')));
app.use(express.urlencoded({ extended: true }));
app.use(express.json({ limit: '2mb' }));
app.use(session({
  secret: process.env.SESSION_SECRET || 'keyboard cat',
  resave: false,
  saveUninitialized: true,
  cookie: { maxAge: 1000 * 60 * 60 * 8 },
}));

const esc = (s) => String(s ?? '').replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

function page(req, title, body) {
  const flash = req.session.flash;
  delete req.session.flash;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${esc(title)} · Equipment</title><link rel="stylesheet" href="/style.css"></head><body>
<header><a href="/"><b>Equipment requests</b></a><span class="grow"></span>${req.session.name
    ? `<span>Hi, ${esc(req.session.name)}</span><form method="post" action="/logout"><button class="link">Log out</button></form>`
    : '<a href="/login">Log in</a>'}</header>
<main>${flash ? `<p class="flash">${esc(flash)}</p>` : ''}${body}</main></body></html>`;
}

function flash(req, res, message, to) {
  req.session.flash = message;
  req.session.save(() => res.redirect(to));
}

app.get('/', (req, res) => {
  const rows = requests.map((r) => `<tr><td><a href="/requests/${r.id}">#${r.id}</a></td><td>${esc(r.item)}</td><td>${esc(r.who)}</td><td><span class="badge ${r.status}">${r.status}</span></td></tr>`).join('');
  res.send(page(req, 'All', `<div class="row"><h1 class="grow">Requests</h1><a class="button" href="/new">New request</a></div>
<table><thead><tr><th>No.</th><th>Item</th><th>Who</th><th>Status</th></tr></thead><tbody>${rows}</tbody></table>`));
});

app.get('/login', (req, res) => res.send(page(req, 'Log in', `<h1>Who are you?</h1>
<form method="post" action="/login" class="form"><label>Name<input name="name" required autofocus></label><button>Log in</button></form>`)));

app.post('/login', (req, res) => {
  const name = (req.body?.name || '').trim();
  if (!name) return res.status(400).send(page(req, 'Log in', '<h1>Please give a name</h1><p><a href="/login">Try again</a></p>'));
  req.session.name = name;
  flash(req, res, `Welcome, ${name}!`, req.query.next || '/');
});

app.post('/logout', (req, res) => req.session.destroy(() => {
  res.clearCookie('connect.sid');
  res.redirect('/');
}));

app.get('/new', (req, res) => {
  if (!req.session.name) return res.redirect('/login?next=/new');
  res.send(page(req, 'New', `<h1>New request</h1><form method="post" action="/requests" class="form">
<label>Item<select name="item">${ITEMS.map((i) => `<option>${i}</option>`).join('')}</select></label>
<label>Why?<textarea name="reason" rows="4"></textarea></label><button>Send</button></form>`));
});

app.post('/requests', (req, res) => {
  if (!req.session.name) return res.redirect('/login?next=/new');
  const request = { id: requests.length + 1, who: req.session.name, item: req.body?.item || 'Something else', reason: req.body?.reason || '', status: 'open' };
  requests.push(request);
  // full link, so that it can be copied into a chat
  flash(req, res, 'Sent! IT will have a look.', `${req.protocol}://${req.get('host')}/requests/${request.id}`);
});

app.get('/requests/:id', (req, res, next) => {
  const r = requests.find((x) => x.id === Number(req.params.id));
  if (!r) return next();
  res.send(page(req, r.item, `<p><a href="/">All requests</a></p><h1>${esc(r.item)} <span class="badge ${r.status}">${r.status}</span></h1>
<p>${esc(r.reason)}</p><p class="muted">asked for by ${esc(r.who)}</p>
${r.status === 'open' ? `<form method="post" action="/requests/${r.id}/decide" class="row"><button name="to" value="approved">Approve</button><button name="to" value="declined" class="ghost">Decline</button></form>` : ''}`));
});

app.post('/requests/:id/decide', (req, res, next) => {
  const r = requests.find((x) => x.id === Number(req.params.id));
  if (!r) return next();
  r.status = req.body?.to === 'approved' ? 'approved' : 'declined';
  flash(req, res, `Request ${r.id} is ${r.status}.`, '/');
});

// ---- little JSON api, used by the intranet widget
app.get('/api/requests', (req, res) => {
  res.vary('X-Widget');
  res.json(req.query.status ? requests.filter((r) => r.status === req.query.status) : requests);
});
app.get('/api/requests/:id', (req, res) => {
  const r = requests.find((x) => x.id === Number(req.params.id));
  return r ? res.json(r) : res.status(404).json({ error: 'not found' });
});
app.put('/api/requests/:id', (req, res) => {
  const r = requests.find((x) => x.id === Number(req.params.id));
  if (!r) return res.status(404).json({ error: 'not found' });
  Object.assign(r, { item: req.body?.item ?? r.item, reason: req.body?.reason ?? r.reason });
  res.json(r);
});
app.delete('/api/requests/:id', (req, res) => res.status(requests.some((x) => x.id === Number(req.params.id)) ? 204 : 404).end());
app.post('/api/echo', (req, res) => res.json({ body: req.body ?? null, query: req.query, size: Number(req.get('content-length')) || null }));
app.get('/report', (req, res) => {
  // big enough to be gzipped
  res.type('text/plain').send(Array.from({ length: 200 }, (_, i) => `${i + 1}. ${requests[i % 3].item} for ${requests[i % 3].who}: ${requests[i % 3].reason}`).join('\n'));
});
app.get('/me', (req, res) => res.json({ name: req.session.name ?? null, host: req.get('host'), secure: req.secure }));
app.get('/crash', () => { throw new Error('Somebody pressed the red button'); });

app.use((req, res) => res.status(404).send(page(req, 'Not found', '<h1>404</h1><p>No such request. <a href="/">Back</a></p>')));

app.use((err, req, res, next) => {
  res.status(err.status || 500).json({ error: err.message, ref: crypto.randomUUID() });
});

app.listen(PORT, () => console.log(`Equipment requests on http://localhost:${PORT}`));
