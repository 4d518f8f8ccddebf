/** Which network a step moves. */
export type StepKind = 'generator' | 'discriminator';

/**
 * The authors' schedule: from `start` on, odd steps train the discriminator and even ones the generator; before it, all
 * train the generator. Steps count from 1.
 */
export function stepKind(step: number, start: number | undefined): StepKind {
  return start !== undefined && step >= start && step % 2 === 1 ? 'discriminator' : 'generator';
}
