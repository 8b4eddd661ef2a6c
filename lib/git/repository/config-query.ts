/** What git is asked for the settings under a few sections. */
export function configQuery(sections: readonly string[]): string[] {
  return ['config', '-z', '--get-regexp', settingsUnder(sections)];
}

/** What their keys are like. */
export function settingsUnder(sections: readonly string[]): string {
  return `^(${sections.join('|')})\\.`;
}
