// Node only: files that appear when they are whole.
export { processMark, processState } from './files/process-mark.ts';
export { type StagedFile, stageFile, writeAtomically } from './files/stage-file.ts';
export { isTemporaryName, removeAbandoned, temporaryPath } from './files/temporary-path.ts';
