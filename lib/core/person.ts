/** A person as git writes one: `Name <email>`. */
export interface Person {
  readonly name: string;
  readonly email: string;
}

/** Reads `Name <email>`; null when it is not of that form. */
export function parsePerson(text: string): Person | null {
  const match = /^([^<>\n]+)<([^<>\s]+@[^<>\s]+)>$/.exec(text.trim());
  const name = match?.[1]?.trim();
  return name && match?.[2] ? { name, email: match[2] } : null;
}

export function formatPerson(person: Person): string {
  return `${person.name} <${person.email}>`;
}
