const METHODS = ['log', 'info', 'warn', 'error', 'debug'] as const;

/**
 * Keeps what libraries print off the terminal, so that stdout is data and stderr is ours.
 *
 * With OD_VAE_DEBUG set it goes to stderr.
 */
export function muteConsole(env: Readonly<Record<string, string | undefined>>): void {
  const print = console.error.bind(console);
  for (const method of METHODS) console[method] = env['OD_VAE_DEBUG'] ? print : () => undefined;
}
