import type { BundleManifest } from '../../core/generated/bundle-v1.types.ts';
import type { EvidenceDocument } from '../../core/generated/evidence-v1.types.ts';
import type { SignatureRecord, StoredRecord } from '../../core/records/record.ts';

export type { BundleManifest, EvidenceDocument };

/** What an auditor would look for and does not find. */
export type Gap = BundleManifest['missing'][number];

/** One file of a bundle; `path` with slashes, from the top of it. */
export interface BundleFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** A note of the ledger as far as it is of the question. */
export interface EvidenceNote {
  readonly object: string;
  /** Where it lies in the ledger's tree. */
  readonly path: string;
  readonly blob: string;
  /** The lines of the question as stored, each with its line feed; of a whole note, the bytes of its blob. */
  readonly bytes: Uint8Array;
  /** How many lines that is. */
  readonly lines: number;
  /** False: the note holds lines of other transactions too, which are not here. */
  readonly isWhole: boolean;
}

/** A record that is signed, and each signature of it that the ledger has. */
export interface SignedRecord {
  readonly stored: StoredRecord;
  readonly signatures: readonly SignatureRecord[];
}

/** A file of the target at one commit: policy, sponsors, code owners, mailmap. */
export interface TargetFile {
  readonly commit: string;
  readonly path: string;
  readonly blob: string;
  readonly bytes: Uint8Array;
}

/** A text the maker may read, with what its digest needs. */
export interface ClearText {
  readonly digest: string;
  /** 32 bytes in base64. */
  readonly salt: string;
  /** task, prompt, args, result …: what it is of its record. */
  readonly kind: string;
  readonly text: string;
}

/** What the files for people and other tools are made of: whoever has the bundle has all of it. */
export interface Readable
  extends Pick<Evidence, 'document' | 'notes' | 'signed' | 'diffs' | 'proof' | 'history' | 'openpgpKeys'> {
  readonly targetFiles: readonly Pick<TargetFile, 'commit' | 'path'>[];
  readonly texts: readonly object[];
}

/** All that was gathered for one question: values, from which every file of the bundle is made. */
export interface Evidence {
  readonly tool: BundleManifest['tool'];
  readonly document: EvidenceDocument;
  readonly notes: readonly EvidenceNote[];
  readonly signed: readonly SignedRecord[];
  readonly targetFiles: readonly TargetFile[];
  readonly texts: readonly ClearText[];
  /** Keys of the target's roster, in OpenSSH's format. */
  readonly allowedSigners: string;
  /** Its OpenPGP keys, each as gpg imports it. */
  readonly openpgpKeys: readonly Uint8Array[];
  /** Each diff as git prints it, by commit. */
  readonly diffs: ReadonlyMap<string, Uint8Array>;
  /** A git pack that proves where the lines lie; null where there is nothing to prove. */
  readonly proof: Uint8Array | null;
  /** A git bundle of target, head and ledger; null unless it was asked for. */
  readonly history: Uint8Array | null;
}
