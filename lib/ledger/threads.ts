/** What a thread that helps to make an index runs: the same file from where the library lies and from where the program's bundle does. */
export const INDEX_THREAD: URL = new URL('../bundle/index-thread.cjs', import.meta.url);
