const KEYS = 'level|recipient|keystore|identity|payloadremote|maxtext|maxrecord|maxsession';

/** What git is asked for the settings of who may read what. */
export const SETTINGS_QUERY: readonly string[] = [
  'config',
  '-z',
  '--show-scope',
  '--get-regexp',
  `^agentlog\\.(${KEYS})$`,
];
