import { OdVaeError } from '@od-vae/core';

/** A run that cannot go on: a loss that is no number, or a checkpoint of another run. */
export class TrainingError extends OdVaeError {
  override name = 'TrainingError';

  constructor(message: string, options?: ErrorOptions) {
    super('training', message, options);
  }
}
