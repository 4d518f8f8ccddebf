/** Imports a package that may be missing, so bundlers must not resolve it. */
export async function importInstalled<Module>(specifier: string): Promise<Module> {
  return (await import(/* @vite-ignore */ /* webpackIgnore: true */ /* turbopackIgnore: true */ specifier)) as Module;
}

/** Resolves a package that may be missing. Turbopack would resolve it statically with an imported `createRequire`. */
export function resolveInstalled(specifier: string, from: string): string {
  return process.getBuiltinModule('node:module').createRequire(from).resolve(specifier);
}
