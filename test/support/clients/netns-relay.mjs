// Runs inside a fresh network namespace: brings its loopback up, carries one port of it to a Unix socket outside,
// and runs the client as its child.
//
//   node netns-relay.mjs <port> <socket> <program> [argument...]
//
// Plain JavaScript because Node 20 starts it directly, outside vitest's transform.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

const [port = '', socketPath = '', program = '', ...programArguments] = process.argv.slice(2);

/** Joins one connection to the model server's; either end going away ends both. @param {import('node:net').Socket} inner */
function carry(inner) {
  const outer = connect(socketPath);
  inner.on('error', () => outer.destroy());
  outer.on('error', () => inner.destroy());
  inner.pipe(outer).pipe(inner);
}

/** Ends as the client ended, so that the caller sees its code and not the relay's. */
async function runProgram() {
  const child = spawn(program, programArguments, { stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  process.exit(code ?? 1);
}

execFileSync('ip', ['link', 'set', 'lo', 'up']);
const server = createServer(carry);
server.listen(Number(port), '127.0.0.1');
await once(server, 'listening');
await runProgram();
