import { describe, expect, it } from 'vitest';
import { type CommitShape, isExact, standsWhereSealed } from '../../../lib/core/records/binding.ts';
import { executionRecord } from '../../support/records.ts';

const id = (letter: string): string => letter.repeat(40);
const sealed = executionRecord({
  head: { commit: id('a'), tree: id('1'), parents: [id('b')] },
  tree: id('2'),
});
const shape = (fields: Partial<CommitShape>): CommitShape => ({
  tree: id('2'),
  parents: [id('a')],
  parentTree: id('1'),
  ...fields,
});

describe('isExact', () => {
  it('holds for the commit the record was sealed for', () => {
    expect(isExact(sealed, shape({}))).toBe(true);
  });

  it('holds on a parent that was only reworded: what counts is its content', () => {
    expect(isExact(sealed, shape({ parents: [id('c')] }))).toBe(true);
  });

  it('holds for an amend, which stands where HEAD stood', () => {
    const amending = { ...sealed, amends: id('a') };
    expect(isExact(amending, shape({ parents: [id('b')], parentTree: id('9') }))).toBe(true);
  });

  it('fails for a commit that took HEAD in without amending it (a squash)', () => {
    expect(isExact(sealed, shape({ parents: [id('b')], parentTree: id('9') }))).toBe(false);
  });

  it('fails for another tree, and for the same tree elsewhere', () => {
    expect(isExact(sealed, shape({ tree: id('3') }))).toBe(false);
    expect(isExact(sealed, shape({ parents: [id('c')], parentTree: id('9') }))).toBe(false);
    expect(isExact(sealed, shape({ parents: [id('b'), id('c')], parentTree: id('9') }))).toBe(false);
  });

  it('fails for a record without a tree', () => {
    expect(isExact({ ...sealed, tree: null }, shape({}))).toBe(false);
  });
});

describe('standsWhereSealed', () => {
  const first = executionRecord({ head: { commit: null, tree: null, parents: [] }, tree: id('2') });

  it('tells a first commit from any other', () => {
    expect(standsWhereSealed(first, shape({ parents: [], parentTree: null }))).toBe(true);
    expect(standsWhereSealed(first, shape({}))).toBe(false);
  });

  it('does not take a root commit for an amend of nothing', () => {
    expect(standsWhereSealed(sealed, shape({ parents: [], parentTree: null }))).toBe(false);
  });
});
