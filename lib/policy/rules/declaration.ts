/** A type of a fact: a plain one, an object by its fields, or a list by the object that stands for all of it. */
export type Declaration = PlainType | ListType | ObjectType;
export type PlainType = 'string' | 'int' | 'bool' | 'list<string>';
export type ListType = readonly [Declaration];
export interface ObjectType {
  readonly [field: string]: Declaration;
}

export function isObjectType(type: Declaration | null): type is ObjectType {
  return typeof type === 'object' && type !== null && !isListType(type);
}

export function isListType(type: Declaration | null): type is ListType {
  return Array.isArray(type);
}

/** The declaration of a field; null when there is none of that name. */
export function fieldOf(type: ObjectType, name: string): Declaration | null {
  return Object.hasOwn(type, name) ? (type[name] ?? null) : null;
}

/** What a list holds; null for what is no list. */
export function itemOf(type: Declaration | null): Declaration | null {
  if (type === 'list<string>') return 'string';
  return isListType(type) ? type[0] : null;
}
