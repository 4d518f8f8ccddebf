export {
  CHECKPOINT_VERSION,
  type CheckpointEntry,
  type CheckpointRecord,
  listCheckpoints,
} from './checkpoint/checkpoint-folder.ts';
export { joinDifferences } from './checkpoint/compare-settings.ts';
export { exportModel } from './checkpoint/export-model.ts';
export {
  readCheckpointRecord,
  restoreCheckpoint,
  type RestoredCheckpoint,
  type RestoreOptions,
} from './checkpoint/restore-checkpoint.ts';
export { saveCheckpoint, type SaveOptions } from './checkpoint/save-checkpoint.ts';
export { type LogLine, openRunLog, type RunLog } from './log/run-log.ts';
export { eventRecord, type LoggedEvent, type LoggedImage, versionRecord } from './log/tensorboard-record.ts';
export { Adam } from './optimizer/adam.ts';
export type { AdamOptions } from './optimizer/adam-step.ts';
export { type LearningRate, learningRateAt } from './optimizer/learning-rate.ts';
export { movingAverage } from './optimizer/moving-average.ts';
export { runTraining, type RunOptions } from './run-training.ts';
export { type StepKind, stepKind } from './step-kind.ts';
export { type StepReport, Trainer } from './trainer.ts';
export { TrainingError } from './training-error.ts';
export type { AdversarialOptions, TrainingOptions } from './training-options.ts';
export { type TrainedDiscriminator, TrainingState } from './training-state.ts';
