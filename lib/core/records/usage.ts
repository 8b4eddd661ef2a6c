import type { Usage } from '../generated/execution-v1.types.ts';

export type { Usage };

export const NO_USAGE: Required<Usage> = {
  inputTokens: 0,
  outputTokens: 0,
  cacheReadInputTokens: 0,
  cacheCreationInputTokens: 0,
};

/** Sum of two usages, in tokens. */
export function addUsage(a: Required<Usage>, b: Usage, sign: 1 | -1 = 1): Required<Usage> {
  return {
    inputTokens: Math.max(0, a.inputTokens + sign * b.inputTokens),
    outputTokens: Math.max(0, a.outputTokens + sign * b.outputTokens),
    cacheReadInputTokens: Math.max(0, a.cacheReadInputTokens + sign * (b.cacheReadInputTokens ?? 0)),
    cacheCreationInputTokens: Math.max(
      0,
      a.cacheCreationInputTokens + sign * (b.cacheCreationInputTokens ?? 0),
    ),
  };
}
