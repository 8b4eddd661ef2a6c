import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EffectCall, effectsOf } from '../../../lib/revert/not-undone/effects.ts';

function bash(text: string | null): EffectCall {
  return { name: 'Bash', status: 'ok', text };
}

function ran(command: string): string[] {
  return effectsOf([bash(command)]).map(
    (told) => /ran (.+?):.*\((\w+)\)$/.exec(told)?.slice(1).join(' ') ?? told,
  );
}

describe('R81 effects outside of git', () => {
  it.each([
    ['npm publish --access public', ['npm publish pivot']],
    ['cd pkg && NPM_TOKEN=x npm --silent publish', ['npm publish pivot']],
    ['npx prisma migrate deploy', ['prisma migrate deploy pivot']],
    ['bash -c "docker push example.com/app:1"', ['docker push pivot']],
    ['gh release create v1 ./x', ['gh release create pivot']],
    ['/usr/bin/terraform -chdir=infra apply -auto-approve', ['terraform apply mutating']],
    ['kubectl -n prod apply -f x.yaml; kubectl get pods', ['kubectl apply mutating']],
    ['git -C web push origin main', ['git push mutating']],
    ['curl -s -XPOST https://example.com/api', ['curl with a request that changes something mutating']],
    ['curl --data @x https://example.com', ['curl with a request that changes something mutating']],
    ['wget --post-data=a=b https://example.com', ['wget with a request that changes something mutating']],
    [JSON.stringify({ command: 'npm test && npm publish' }), ['npm publish pivot']],
    [JSON.stringify({ command: ['cargo', 'publish'] }), ['cargo publish pivot']],
    ['npm publish\nnpm publish', ['npm publish pivot']],
  ])('are told by their class: %s', (command, expected) => {
    expect(ran(command)).toEqual(expected);
  });

  it.each([
    'npm publish --dry-run',
    'npm test',
    'npm run publish-docs',
    'echo npm publish',
    'grep -r "terraform apply" docs',
    'curl -s https://example.com',
    'curl -G -d a=b -X GET https://example.com',
    'kubectl get pods',
    'terraform plan',
    'git status',
    '{"command": 3}',
    '',
  ])('are not made up: %s', (command) => {
    expect(ran(command)).toEqual([]);
  });

  it('never repeats arguments, which may hold a secret', () => {
    const told = effectsOf([
      bash('curl -X POST -H "Authorization: Bearer hunter2" https://example.com/?k=hunter2'),
    ]);
    expect(told).toHaveLength(1);
    expect(told.join()).not.toContain('hunter2');
  });

  it('says of a command that is not in this clone that it is not known', () => {
    expect(effectsOf([bash(null), bash(null), { name: 'Edit', status: 'ok', text: null }])).toEqual([
      expect.stringMatching(/^2 commands .* not known$/),
    ]);
  });

  it('names tools of other servers, whose effects nobody declared', () => {
    const calls = ['mcp__shop__refund', 'mcp__shop__refund'].map((name) => ({
      name,
      status: 'ok',
      text: '{}',
    }));
    expect(effectsOf(calls)).toEqual(['mcp__shop__refund: what these tools changed outside is not known']);
  });

  it('takes any text, in no time', () => {
    fc.assert(fc.property(fc.string({ maxLength: 100 }), (text) => void effectsOf([bash(text)])));
    const before = performance.now();
    for (const part of ['sh -c "', '\\\n', "'", 'a=', '/', '-x '])
      effectsOf([bash(`${part.repeat(20_000)}npm publish`)]);
    expect(performance.now() - before).toBeLessThan(20_000);
  });
});
