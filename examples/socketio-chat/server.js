// Team chat. npm install && npm start -> http://localhost:3001
const fs = require('fs');
const http = require('http');
const path = require('path');
const { Server } = require('socket.io');

const PORT = process.env.PORT || 3001;
const index = fs.readFileSync(path.join(__dirname, 'public/index.html'));

const server = http.createServer((req, res) => {
  if (req.url === '/' || req.url.startsWith('/?')) {
    res.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' });
    return res.end(index);
  }
  if (req.url === '/api/history') {
    res.writeHead(200, { 'Content-Type': 'application/json' });
    return res.end(JSON.stringify(history));
  }
  res.writeHead(404, { 'Content-Type': 'text/plain' });
  res.end('Not found');
});

const io = new Server(server);
const history = [];
const people = new Map();

io.on('connection', (socket) => {
  socket.on('join', (name, done) => {
    people.set(socket.id, String(name).slice(0, 30) || 'Somebody');
    socket.emit('history', history);
    io.emit('people', [...people.values()]);
    done?.({ ok: true, transport: socket.conn.transport.name });
  });
  socket.on('say', (text) => {
    const message = { who: people.get(socket.id) || 'Somebody', text: String(text).slice(0, 2000), at: Date.now() };
    history.push(message);
    if (history.length > 100) history.shift();
    io.emit('message', message);
  });
  socket.on('typing', () => socket.broadcast.emit('typing', people.get(socket.id)));
  // used by the screenshot paste feature: bytes in, byte count out
  socket.on('paste', (bytes, done) => done?.(bytes.length));
  socket.on('disconnect', () => {
    people.delete(socket.id);
    io.emit('people', [...people.values()]);
  });
});

server.listen(PORT, () => console.log(`Chat on http://localhost:${PORT}`));
