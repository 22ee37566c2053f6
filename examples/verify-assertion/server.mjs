// Greets whoever is signed in, and believes nobody but Harden: node server.mjs
// What an app does once people may reach it by other ways than the gateway. No packages needed.
import { createPublicKey, verify } from 'node:crypto';
import { createServer } from 'node:http';

const audience = process.env.AUDIENCE ?? 'verify-assertion'; // Prototype:Name in harden.json
const jwksUrl = process.env.JWKS_URL ?? 'http://localhost:8080/.harden/jwks.json';

let keys = new Map();
let asked = 0;

async function keyOf(kid) {
  // A key not seen before was made since: ask again, but not for every forgery.
  if (!keys.has(kid) && Date.now() - asked > 10_000) {
    asked = Date.now();
    const answer = await fetch(jwksUrl);
    if (!answer.ok) throw new Error(`${jwksUrl} answered ${answer.status}`);
    keys = new Map((await answer.json()).keys.map(jwk => [jwk.kid, createPublicKey({ key: jwk, format: 'jwk' })]));
  }
  return keys.get(kid);
}

/** The claims of a valid assertion; throws for any other. */
async function claimsOf(assertion) {
  const [header, payload, signature, ...more] = (assertion ?? '').split('.');
  if (!signature || more.length) throw new Error('no assertion');
  const { alg, kid } = JSON.parse(Buffer.from(header, 'base64url'));
  const key = alg === 'ES256' && await keyOf(kid);
  const signed = Buffer.from(`${header}.${payload}`);
  if (!key || !verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'))) throw new Error('not signed by the gateway');
  const claims = JSON.parse(Buffer.from(payload, 'base64url'));
  if (claims.iss !== 'harden' || claims.aud !== audience) throw new Error('meant for another app');
  if (!(claims.exp > Date.now() / 1000 - 5)) throw new Error('expired');
  return claims;
}

createServer(async (request, response) => {
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  try {
    const claims = await claimsOf(request.headers['x-harden-assertion']);
    response.end(`Hello ${claims.name ?? claims.oid}, signed in by ${claims.scheme}, roles: ${claims.roles.join(' ') || 'none'}\n`);
  } catch (problem) {
    response.statusCode = 401;
    response.end(`${problem.message}\n`);
  }
}).listen(process.env.PORT ?? 3000, '127.0.0.1');
