/** Imports a package that may be missing, so bundlers must not resolve it. */
export async function importInstalled<Module>(specifier: string): Promise<Module> {
  return (await import(/* @vite-ignore */ /* webpackIgnore: true */ /* turbopackIgnore: true */ specifier)) as Module;
}
