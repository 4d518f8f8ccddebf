// Replaces `@od-vae/core/files` outside Node: the same functions, each of which throws an error.
import { ConfigError } from './errors.ts';
import type * as files from './files.ts';

const needsNode = (name: string) => (): never => {
  throw new ConfigError(`${name}: writing files needs Node, but this build is for browsers.`);
};

export const isTemporaryName: typeof files.isTemporaryName = needsNode('isTemporaryName');
export const processMark: typeof files.processMark = needsNode('processMark');
export const processState: typeof files.processState = needsNode('processState');
export const recoverFolder: typeof files.recoverFolder = needsNode('recoverFolder');
export const removeAbandoned: typeof files.removeAbandoned = needsNode('removeAbandoned');
export const replaceFolder: typeof files.replaceFolder = needsNode('replaceFolder');
export const stageFile: typeof files.stageFile = needsNode('stageFile');
export const temporaryPath: typeof files.temporaryPath = needsNode('temporaryPath');
export const updateFolder: typeof files.updateFolder = needsNode('updateFolder');
export const writeAtomically: typeof files.writeAtomically = needsNode('writeAtomically');
