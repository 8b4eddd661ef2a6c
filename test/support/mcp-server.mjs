// A small MCP server on standard input and output: one tool that writes a file, one resource. Plain JavaScript because
// the agent under test starts it.
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const TOOL = {
  name: 'put',
  description: 'Writes a file.',
  inputSchema: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] },
};

/** @param {{ method: string, params?: { protocolVersion?: string, arguments?: { path: string }, uri?: string } }} message */
function resultOf({ method, params }) {
  switch (method) {
    case 'initialize':
      return {
        protocolVersion: params?.protocolVersion,
        capabilities: { tools: {}, resources: {} },
        serverInfo: { name: 'files', version: '1.0.0' },
      };
    case 'tools/list':
      return { tools: [TOOL] };
    case 'tools/call':
      writeFileSync(params?.arguments?.path ?? '', 'by the server\n');
      return { content: [{ type: 'text', text: 'put' }], isError: false };
    case 'resources/list':
      return { resources: [{ uri: 'note://one', name: 'one' }] };
    case 'resources/read':
      return { contents: [{ uri: params?.uri, text: 'a note' }] };
    default:
      return {};
  }
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const message = JSON.parse(line);
  if (message.id === undefined) return;
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id: message.id, result: resultOf(message) })}\n`);
});
