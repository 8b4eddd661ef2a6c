import type { TopicName } from './topics.ts';

/** What a control of a framework asks of a change, in our words, and what answers it. */
export interface Control {
  readonly framework: string;
  readonly control: string;
  readonly asks: string;
  readonly answers: readonly TopicName[];
}

const WHOLE_CHANGE = ['task', 'sponsor', 'classes', 'decisions', 'tests', 'approvals', 'diff'] as const;

const SOC2: readonly Omit<Control, 'framework'>[] = [
  {
    control: 'CC8.1',
    asks: 'Changes are authorised, designed, documented, tested, approved and put in place; emergency changes too. Auditors draw samples from the whole population.',
    answers: [...WHOLE_CHANGE, 'policy', 'landing', 'exceptions', 'population'],
  },
  {
    control: 'CC6.1',
    asks: 'Who or what may act is known, has no more rights than needed, and does not approve its own work.',
    answers: ['agent', 'sponsor', 'separation', 'policy'],
  },
  {
    control: 'CC7.2',
    asks: 'What is out of the ordinary is noticed, looked at and dealt with.',
    answers: ['decisions', 'exceptions', 'integrity'],
  },
];

const PCI: readonly Omit<Control, 'framework'>[] = [
  {
    control: '6.2.3.1',
    asks: 'Code is reviewed before release by somebody other than its author who knows how, and management approves.',
    answers: ['agent', 'sponsor', 'approvals', 'separation', 'diff'],
  },
  {
    control: '6.5.1',
    asks: 'A change has its reason, its impact on security, an approval by people authorised to give one, tests, and a way back to a secure state.',
    answers: ['task', 'classes', 'approvals', 'tests', 'rollback'],
  },
  {
    control: '6.5.4',
    asks: 'Roles are kept apart, so that only what was reviewed and approved is deployed.',
    answers: ['separation', 'decisions', 'landing'],
  },
  {
    control: '10.2.2',
    asks: 'An entry of an audit log says who, what, when, with what outcome, from where, and on what.',
    answers: ['sponsor', 'agent', 'actions', 'times', 'decisions', 'change'],
  },
  {
    control: '10.3',
    asks: 'Audit logs are protected from being changed, kept elsewhere too, and changes to them are noticed.',
    answers: ['integrity', 'signatures'],
  },
];

const ISO: readonly Omit<Control, 'framework'>[] = [
  {
    control: '27001 A.8.32',
    asks: 'Changes go through a procedure: planned, judged by their risk, tested, approved, and able to be taken back.',
    answers: [...WHOLE_CHANGE, 'policy', 'rollback'],
  },
  {
    control: '27001 A.8.15',
    asks: 'Logs of what was done are made, kept, protected and looked at.',
    answers: ['actions', 'times', 'integrity', 'exceptions'],
  },
  {
    control: '27001 A.5.33',
    asks: 'Records are protected from loss, falsification, and being read by who should not.',
    answers: ['integrity', 'signatures', 'privacy'],
  },
  {
    control: '27001 A.5.3',
    asks: 'Duties that conflict are not with one person.',
    answers: ['sponsor', 'separation'],
  },
  {
    control: '42001 A.6.2.8',
    asks: 'Event logs are kept while an AI system is in use.',
    answers: ['agent', 'actions', 'times', 'integrity'],
  },
  {
    control: '42001 A.3.2',
    asks: 'Who answers for what an AI system does is laid down.',
    answers: ['sponsor', 'approvals'],
  },
];

const NIST: readonly Omit<Control, 'framework'>[] = [
  {
    control: '800-53 CM-3',
    asks: 'Changes are reviewed, decided with their impact on security in mind, documented, kept and watched; rules are enforced by machine.',
    answers: ['task', 'classes', 'policy', 'decisions', 'approvals', 'diff', 'landing'],
  },
  {
    control: '800-53 CM-5',
    asks: 'Who may change what is limited and enforced; important changes take two.',
    answers: ['approvals', 'separation', 'policy', 'decisions'],
  },
  {
    control: '800-53 CM-6',
    asks: 'Settings follow rules, and what departs from them is approved.',
    answers: ['classes', 'decisions', 'exceptions'],
  },
  {
    control: '800-53 AU-3',
    asks: 'A record says what happened, when, where, from what source, how it ended, and who was part of it.',
    answers: ['change', 'agent', 'sponsor', 'actions', 'times', 'decisions'],
  },
  {
    control: '800-53 AU-9',
    asks: 'Audit information is protected, by cryptography too.',
    answers: ['integrity', 'signatures'],
  },
  {
    control: '800-53 AU-10',
    asks: 'Who did, reviewed and released something can not deny it, and the chain of custody is kept.',
    answers: ['signatures', 'approvals', 'change', 'integrity'],
  },
  {
    control: '800-53 AU-12',
    asks: 'Records are made where the events are.',
    answers: ['change', 'actions'],
  },
  {
    control: 'SSDF PO.3.3',
    asks: 'Tools leave artefacts that show secure practice.',
    answers: ['actions', 'decisions', 'tests'],
  },
  {
    control: 'SSDF PO.4.2',
    asks: 'Evidence for the criteria of security checks is gathered and kept safe.',
    answers: ['policy', 'decisions', 'integrity'],
  },
  {
    control: 'SSDF PS.3.2',
    asks: 'Provenance of what is released is collected and shared.',
    answers: ['change', 'agent', 'state', 'diff'],
  },
  {
    control: 'SSDF PW.7.2',
    asks: 'Code is reviewed, and what was found is recorded.',
    answers: ['approvals', 'decisions', 'diff'],
  },
  {
    control: 'SSDF PW.8.2',
    asks: 'Code is tested, and results are recorded.',
    answers: ['tests', 'replay'],
  },
  {
    control: '800-218A PS.3.2',
    asks: 'It is known which model had a part in what was made.',
    answers: ['agent'],
  },
];

const LAW: readonly Control[] = [
  {
    framework: 'SOX',
    control: '404 ITGC change management',
    asks: 'Changes are authorised, tested and approved, by others than who develops and deploys; lists that auditors are given are whole and correct.',
    answers: ['sponsor', 'tests', 'approvals', 'separation', 'landing', 'population', 'integrity'],
  },
  {
    framework: 'EU AI Act',
    control: 'Art. 12, 14, 26',
    asks: 'Where a system is high-risk (coding agents are not by themselves): events are logged by themselves, kept for six months or more, and named people oversee it and can stop or undo it.',
    answers: ['actions', 'times', 'sponsor', 'policy', 'rollback'],
  },
  {
    framework: 'DORA',
    control: 'Art. 9(4)(e), RTS 2024/1774 Art. 17',
    asks: 'Changes to ICT systems are recorded, tested, judged, approved by somebody independent of who asks and who makes them, put in place under control, with a way back; emergency changes are approved after the fact.',
    answers: [...WHOLE_CHANGE, 'separation', 'rollback', 'landing', 'exceptions'],
  },
  {
    framework: 'FFIEC',
    control: 'DA&M change management',
    asks: 'Changes are managed, versions are controlled, and maintenance is documented.',
    answers: [...WHOLE_CHANGE, 'change', 'landing'],
  },
  {
    framework: 'SLSA',
    control: 'Source L3, L4',
    asks: 'Rules on protected branches are enforced without a gap, and two trusted people review each change in its last state.',
    answers: ['policy', 'decisions', 'approvals', 'separation', 'integrity'],
  },
  {
    framework: 'GDPR',
    control: 'Art. 5, 17, 30',
    asks: 'No more personal data than needed is kept, it can be erased, and what was done with it is known.',
    answers: ['privacy'],
  },
];

function of(framework: string, controls: readonly Omit<Control, 'framework'>[]): Control[] {
  return controls.map((control) => ({ framework, ...control }));
}

/** The controls that changes by agents are asked about. A map for readers, and nobody's word that a control is met. */
export const CONTROL_MAP: readonly Control[] = [
  ...of('SOC 2', SOC2),
  ...of('PCI DSS 4.0.1', PCI),
  ...of('ISO', ISO),
  ...of('NIST', NIST),
  ...LAW,
];
