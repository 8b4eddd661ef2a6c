import type { BundleManifest } from '../../core/generated/bundle-v1.types.ts';
import { BUILD } from '../../core/generated/version.ts';

export type BundleTool = BundleManifest['tool'];

/** What makes bundles here: all that the bytes of a page depend on besides the evidence. */
export function toolOf(version: string): BundleTool {
  return { name: 'git-agent-log', version, build: BUILD, unicode: process.versions['unicode'] ?? '' };
}

/** A tool for people. */
export function toolName({ version, build, unicode }: BundleTool): string {
  const more = [
    ...(build === undefined ? [] : [`build ${build}`]),
    ...(unicode === undefined ? [] : [`Unicode ${unicode}`]),
  ];
  return more.length === 0 ? version : `${version} (${more.join(', ')})`;
}
