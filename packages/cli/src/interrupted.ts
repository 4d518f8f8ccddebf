/** The reason with which a command stops when the user asks it to. */
export class Interrupted extends Error {
  constructor(signal: string) {
    super(`stopped by ${signal}; nothing half-written was left.`);
    this.name = 'Interrupted';
  }
}
