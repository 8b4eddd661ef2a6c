// Stands for node:fs/promises in the bundles of what hooks run and of what `show` mostly does: the same functions, done
// before they return. Such a process has nothing else to do meanwhile, and would start threads for a few small files.
/** Not imported: what a bundle makes of `import *` copies every name there is. */
const fs = process.getBuiltinModule('node:fs');

/** How long one thing may follow the other before timers get their turn: a hook's time limit is one. */
const TURN_S = 0.05;
/** Not `performance`, which Node loads a dozen modules for. */
let turn = process.uptime();

export const { constants } = fs;
export const access = atOnce(fs.accessSync);
export const appendFile = atOnce(fs.appendFileSync);
export const chmod = atOnce(fs.chmodSync);
export const copyFile = atOnce(fs.copyFileSync);
export const link = atOnce(fs.linkSync);
export const lstat = atOnce(fs.lstatSync);
export const mkdir = atOnce(fs.mkdirSync);
export const mkdtemp = atOnce(fs.mkdtempSync);
export const open = atOnce((...args) => openFile(fs.openSync(...args)));
export const readdir = atOnce(fs.readdirSync);
export const readFile = atOnce(fs.readFileSync);
export const readlink = atOnce(fs.readlinkSync);
export const realpath = atOnce(fs.realpathSync.native);
export const rename = atOnce(fs.renameSync);
export const rm = atOnce(fs.rmSync);
export const rmdir = atOnce(fs.rmdirSync);
export const stat = atOnce(fs.statSync);
export const symlink = atOnce(fs.symlinkSync);
export const truncate = atOnce(fs.truncateSync);
export const unlink = atOnce(fs.unlinkSync);
export const utimes = atOnce(fs.utimesSync);
export const writeFile = atOnce(fs.writeFileSync);

/** What it throws becomes a rejection. */
function atOnce(work) {
  return (...args) =>
    new Promise((resolve) => {
      const result = work(...args);
      if (process.uptime() - turn < TURN_S) resolve(result);
      else setImmediate(nextTurn, resolve, result);
    });
}

/** A FileHandle, without its streams. */
function openFile(fd) {
  return {
    appendFile: atOnce((...what) => fs.appendFileSync(fd, ...what)),
    chmod: atOnce((mode) => fs.fchmodSync(fd, mode)),
    close: atOnce(() => fs.closeSync(fd)),
    datasync: atOnce(() => fs.fdatasyncSync(fd)),
    read: atOnce((buffer, ...where) => ({ bytesRead: fs.readSync(fd, buffer, ...where), buffer })),
    readFile: atOnce((...how) => fs.readFileSync(fd, ...how)),
    stat: atOnce((...how) => fs.fstatSync(fd, ...how)),
    sync: atOnce(() => fs.fsyncSync(fd)),
    truncate: atOnce((length) => fs.ftruncateSync(fd, length)),
    utimes: atOnce((...times) => fs.futimesSync(fd, ...times)),
    write: atOnce((buffer, ...where) => ({ bytesWritten: fs.writeSync(fd, buffer, ...where), buffer })),
    writeFile: atOnce((...what) => fs.writeFileSync(fd, ...what)),
  };
}

function nextTurn(resolve, result) {
  turn = process.uptime();
  resolve(result);
}
