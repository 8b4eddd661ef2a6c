import type { Ledger } from '../../ledger/ledger.ts';
import { requestDocument } from '../../oversight/exceptions/documents.ts';
import { requestNamed } from '../../oversight/exceptions/named.ts';
import { readQueue } from '../../oversight/exceptions/queue.ts';
import { addStep, type Step } from '../../oversight/exceptions/step.ts';
import { actorOf } from '../shared/acting.ts';
import { judgingOf } from '../shared/judging.ts';
import type { Flags } from '../table/table.ts';
import type { Io } from '../terminal/io.ts';
import { renderRequests } from '../views/waivers.ts';

/** Records a step of a request, and tells how that stands now. */
export async function act(io: Io, ledger: Ledger, flags: Flags, step: Step): Promise<number> {
  const actor = { ...(await actorOf(io, ledger, flags)), ...(await judgingOf(io, ledger)) };
  const queue = await readQueue(ledger, actor);
  await addStep(ledger, queue.events, step, actor);
  const after = await readQueue(ledger, actor);
  const one = requestNamed(after.requests, step.of);
  if (flags['json'] === true) io.print(`${JSON.stringify(requestDocument(one, after, io.now))}\n`);
  else io.print(renderRequests([one], io));
  if (one.state === 'accepted' && one.trust === 'asserted')
    io.say(
      'hint: the question mark: no key that .agent-log/sponsors.yaml names signed this yes, so anybody may have written it\n',
    );
  return 0;
}
