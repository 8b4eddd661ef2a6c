// Loaded before a program (--import): says on its end how much memory it had at most, in bytes.
import { writeFileSync } from 'node:fs';

const file = process.env['PEAK_FILE'];
if (file !== undefined)
  process.on('exit', () => writeFileSync(file, String(process.resourceUsage().maxRSS * 1024)));
