// Node only: files that appear when they are whole.
export { processMark, processState } from './node/process-mark.ts';
export { recoverFolder, replaceFolder } from './node/replace-folder.ts';
export { type StagedFile, stageFile, writeAtomically } from './node/stage-file.ts';
export { isTemporaryName, removeAbandoned, temporaryPath } from './node/temporary-path.ts';
export { updateFolder } from './node/update-folder.ts';
