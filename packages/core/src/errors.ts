import { oneLine } from './one-line.ts';

/**
 * Base of every error this project throws on purpose; `code` is stable across versions.
 *
 * The message is one line of at most 800 characters, whatever names and values of a damaged file it quotes.
 */
export class OdVaeError extends Error {
  // Names are literals: minifiers rename classes, so that their own names say nothing in a bundle.
  override name = 'OdVaeError';
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(oneLine(message), options);
    this.code = code;
  }
}

/** A tensor, image or clip whose shape does not fit what it is given to. */
export class ShapeError extends OdVaeError {
  override name = 'ShapeError';

  constructor(message: string, options?: ErrorOptions) {
    super('shape', message, options);
  }
}

/** A model configuration, option or plan that cannot work. */
export class ConfigError extends OdVaeError {
  override name = 'ConfigError';

  constructor(message: string, options?: ErrorOptions) {
    super('config', message, options);
  }
}

/** A checkpoint that cannot be read, or whose weights do not fit the model. */
export class CheckpointError extends OdVaeError {
  override name = 'CheckpointError';

  constructor(message: string, options?: ErrorOptions) {
    super('checkpoint', message, options);
  }
}

/** A video, image or latents file that cannot be read or written. */
export class MediaError extends OdVaeError {
  override name = 'MediaError';

  constructor(message: string, options?: ErrorOptions) {
    super('media', message, options);
  }
}

/** A TensorFlow.js backend that is missing, or that cannot do what was asked. */
export class BackendError extends OdVaeError {
  override name = 'BackendError';

  constructor(message: string, options?: ErrorOptions) {
    super('backend', message, options);
  }
}
