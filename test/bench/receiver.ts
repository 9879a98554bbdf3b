import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { createAuthority } from '../support/certificates.ts';
import type { ReceiverPorts } from './stage.ts';

// A process of its own that takes everything and counts its bytes; it prints its ports, and ends with its standard input.

const folder = mkdtempSync(join(tmpdir(), 'defender-siem-bench-receiver-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const authority = createAuthority();
const identity = authority.issue('127.0.0.1');
const ca = join(folder, 'ca.pem');
writeFileSync(ca, authority.cert);

const drop = (socket: Socket): void => {
  socket.on('error', () => {}).on('end', () => socket.end());
  socket.resume();
};
const tcp = createServer({ allowHalfOpen: true }, drop);
const tls = createTlsServer({ ...identity, allowHalfOpen: true }, drop);
const https = createHttpsServer(identity, (request, response) => {
  request.resume().on('end', () => {
    response.setHeader('Content-Type', 'application/json');
    response.end('{"text":"Success","code":0}');
  });
});

async function portOf(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const ports: ReceiverPorts = {
  tcp: await portOf(tcp),
  tls: await portOf(tls),
  https: await portOf(https),
  ca,
};
console.log(JSON.stringify(ports));
process.stdin.resume().on('end', () => process.exit(0));
