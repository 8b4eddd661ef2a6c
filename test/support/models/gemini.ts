import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import {
  type Caller,
  callsOf,
  DEFAULT_TOKENS,
  type Protocol,
  type RecordedRequest,
  type ScriptedServer,
  type ScriptOptions,
  type Step,
  sendEvents,
  sendJson,
  startScriptedServer,
} from './scripted.ts';

/** The part of a request that decides the answer. */
interface GenerateBody {
  tools?: { functionDeclarations?: { name?: string }[] }[];
  systemInstruction?: unknown;
}

const METHOD = /\/models\/([^/:]+):(generateContent|streamGenerateContent|countTokens)$/;

/** What only an agent the session started can call: it ends by handing its result back. */
const ENDS_SUBAGENT = 'complete_task';

/** The Gemini API: `generateContent`, and `streamGenerateContent` as server-sent events. */
export function startGeminiServer(
  script: readonly Step[],
  options: ScriptOptions = {},
): Promise<ScriptedServer> {
  const protocol: Protocol = { callerOf, answer, other: answerOther, filler: { text: '{}' } };
  return startScriptedServer(protocol, script, options);
}

/** Only a loop that can act offers tools; a title, a summary or a choice of model is asked for without any. */
function callerOf(request: RecordedRequest): Caller | null {
  const method = METHOD.exec(request.path)?.[2];
  if (method === undefined || method === 'countTokens') return null;
  const tools = ((request.body as GenerateBody).tools ?? []).flatMap(
    (tool) => tool.functionDeclarations ?? [],
  );
  if (tools.length === 0) return 'side';
  return tools.some(({ name }) => name === ENDS_SUBAGENT) ? 'subagent' : 'main';
}

function answerOther(request: RecordedRequest, response: ServerResponse): boolean {
  if (METHOD.exec(request.path)?.[2] !== 'countTokens') return false;
  sendJson(response, { totalTokens: DEFAULT_TOKENS.input });
  return true;
}

function answer(request: RecordedRequest, response: ServerResponse, step: Step): void {
  const [, model = 'unknown', method] = METHOD.exec(request.path) ?? [];
  const calls = callsOf(step).map(({ tool, input }) => ({ functionCall: { name: tool, args: input } }));
  const parts = [...(step.text === undefined ? [] : [{ text: step.text }]), ...calls];
  const common = { modelVersion: model, responseId: randomBytes(12).toString('hex') };
  const whole = {
    ...common,
    candidates: [{ index: 0, content: { role: 'model', parts }, finishReason: 'STOP' }],
    usageMetadata: usageOf(step),
  };
  if (method === 'generateContent') {
    sendJson(response, whole);
    return;
  }
  // Usage grows from chunk to chunk; the last one tells the whole.
  const first = parts.slice(0, 1);
  const begun = { ...common, candidates: [{ index: 0, content: { role: 'model', parts: first } }] };
  const rest = {
    ...whole,
    candidates: [{ index: 0, content: { role: 'model', parts: parts.slice(1) }, finishReason: 'STOP' }],
  };
  sendEvents(response, parts.length > 1 ? [begun, rest] : [whole]);
}

function usageOf(step: Step): object {
  const { input, output, cached } = { ...DEFAULT_TOKENS, ...step.usage };
  return {
    promptTokenCount: input,
    candidatesTokenCount: output,
    cachedContentTokenCount: cached,
    totalTokenCount: input + output,
  };
}
