import { CONTROL_MAP } from './control-map.ts';
import { type Controlled, TOPICS, type Topic, type TopicName } from './topics.ts';

/** How much of something is there. */
export type Presence = 'present' | 'partial' | 'absent';

export interface Answer {
  readonly topic: TopicName;
  readonly is: string;
  readonly places: Topic['places'];
  readonly presence: Presence;
  /** Of how many, how many have it. */
  readonly have: number;
  readonly of: number;
}

/** controls.json of a bundle: `agent-log/controls/v1`. */
export interface ControlsDocument {
  readonly schema: 'agent-log/controls/v1';
  readonly note: string;
  readonly controls: readonly {
    readonly framework: string;
    readonly control: string;
    readonly asks: string;
    readonly presence: Presence;
    readonly answers: readonly Answer[];
  }[];
}

const NOTE =
  "What controls ask is in our words, not their issuers'. 'present' says that the evidence is in this bundle, not that a control is met.";

/** Which control asks for what, where it is in a bundle, and whether this one has it. */
export function controlsDocument(evidence: Controlled): ControlsDocument {
  const controls = CONTROL_MAP.map(({ framework, control, asks, answers }) => {
    const found = answers.map((name) => answerOf(name, evidence));
    return { framework, control, asks, presence: together(found), answers: found };
  });
  return { schema: 'agent-log/controls/v1', note: NOTE, controls };
}

function answerOf(topic: TopicName, evidence: Controlled): Answer {
  const { is, places, has }: Topic = TOPICS[topic];
  const { have, of } = has(evidence);
  return { topic, is, places, presence: presenceOf(have, of), have, of };
}

function presenceOf(have: number, of: number): Presence {
  if (have === 0) return 'absent';
  return have < of ? 'partial' : 'present';
}

function together(answers: readonly Answer[]): Presence {
  if (answers.every(({ presence }) => presence === 'present')) return 'present';
  return answers.every(({ presence }) => presence === 'absent') ? 'absent' : 'partial';
}
