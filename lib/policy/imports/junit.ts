import { utcTime } from '../../core/utc-time.ts';
import { type Finding, incomplete, type Report, refused } from './imported.ts';
import { readXml, type XmlHandler } from './xml.ts';

/** JUnit's XML, as most test runners write it. */
export function readJunit(input: string): Report {
  const reader = new Reader();
  readXml(input, reader);
  return { tool: 'junit', findings: reader.findings };
}

type Attributes = ReadonlyMap<string, string>;
type Outcome = Pick<Finding, 'result' | 'message'>;

interface Suite {
  readonly name: string;
  readonly at: string | null;
  /** Tests and failures it says it has, those of suites inside it among them. */
  readonly says: { readonly tests: number; readonly bad: number };
  tests: number;
  bad: number;
}

/** What a test case may hold that says how it ended. Maven's rerun and flaky failures belong to one that passed in the end, or that has a failure too. */
const OUTCOMES: ReadonlyMap<string, Finding['result']> = new Map([
  ['failure', 'fail'],
  ['error', 'error'],
  ['skipped', 'skip'],
]);

class Reader implements XmlHandler {
  readonly findings: Finding[] = [];
  readonly #suites: Suite[] = [];
  #root = true;
  #case: Attributes | null = null;
  #outcome: Outcome | null = null;
  #flaky = false;
  #hearing = false;

  open(name: string, attributes: Attributes): void {
    if (this.#root && name !== 'testsuite' && name !== 'testsuites')
      throw refused(`it is no JUnit report: it begins with <${name.slice(0, 50)}>`);
    this.#root = false;
    if (name === 'testsuite' || name === 'testsuites') this.#suites.push(suiteOf(attributes));
    else if (name === 'testcase') this.#begin(attributes);
    else if (this.#case !== null) this.#said(name, attributes);
  }

  text(text: string): void {
    if (!this.#hearing || this.#outcome === null) return;
    const heard = this.#outcome.message ?? '';
    if (heard.length < 2000 && text.trim() !== '')
      this.#outcome = { ...this.#outcome, message: heard === '' ? text.trim() : heard };
  }

  close(name: string): void {
    if (name === 'testcase') this.#end();
    else if (OUTCOMES.has(name)) this.#hearing = false;
    else if (name === 'testsuite' || name === 'testsuites') this.#leave();
  }

  #begin(attributes: Attributes): void {
    if (this.#case !== null) throw refused('it is no JUnit report: a test case holds another');
    this.#case = attributes;
    this.#outcome = null;
    this.#flaky = false;
  }

  /** Of several outcomes of one case the worst holds. */
  #said(name: string, attributes: Attributes): void {
    if (/^(flaky|rerun)(Failure|Error)$/.test(name)) this.#flaky = true;
    const result = OUTCOMES.get(name);
    if (result === undefined || (this.#outcome !== null && this.#outcome.result !== 'skip')) return;
    this.#outcome = { result, message: attributes.get('message') || attributes.get('type') || null };
    this.#hearing = true;
  }

  #end(): void {
    const outcome = this.#outcome ?? {
      result: 'pass',
      message: this.#flaky ? 'passed only when it was run again' : null,
    };
    const names = [this.#case?.get('classname'), this.#case?.get('name')].filter((name) => name?.trim());
    const suite = this.#suites.at(-1);
    this.findings.push({
      rule: names.join(' ') || suite?.name || null,
      at: suite?.at ?? null,
      ...outcome,
    });
    this.#case = null;
    if (suite === undefined) return;
    suite.tests++;
    if (outcome.result === 'fail' || outcome.result === 'error') suite.bad++;
  }

  /** A suite that says it had more tests, or more that failed, than it holds is cut, or broke before it named them. */
  #leave(): void {
    const suite = this.#suites.pop();
    if (suite === undefined) return;
    const { name, says, tests, bad } = suite;
    if (says.tests > tests || says.bad > bad)
      this.findings.push(
        incomplete(
          name,
          `it says it has ${says.tests} tests, ${says.bad} of them failed; it holds ${tests} and ${bad}`,
        ),
      );
    const outer = this.#suites.at(-1);
    if (outer === undefined) return;
    outer.tests += Math.max(tests, says.tests);
    outer.bad += Math.max(bad, says.bad);
  }
}

function suiteOf(attributes: Attributes): Suite {
  const number = (name: string): number => {
    const found = attributes.get(name) ?? '';
    return /^\d{1,9}$/.test(found) ? Number(found) : 0;
  };
  return {
    name: attributes.get('name') ?? 'tests',
    at: utcTime(attributes.get('timestamp') ?? '') ?? null,
    says: { tests: number('tests'), bad: number('failures') + number('errors') },
    tests: 0,
    bad: 0,
  };
}
