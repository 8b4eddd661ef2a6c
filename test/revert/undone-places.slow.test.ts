import { describe, expect, it } from 'vitest';
import { openIo } from '../../lib/cli/io.ts';
import { answerShow } from '../../lib/cli/show-answer.ts';
