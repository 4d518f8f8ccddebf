/** Whether programs of a device may have 16-bit floats. */
export function runsHalves({ features }: Pick<GPUDevice, 'features'>): boolean {
  return features.has('shader-f16');
}

/** Whether a device runs programs with subgroups. */
export function runsSubgroups({ features }: Pick<GPUDevice, 'features'>): boolean {
  return features.has('subgroups') && navigator.gpu.wgslLanguageFeatures.has('subgroup_id');
}

/** Whether software stands for a GPU: SwiftShader in Chromium, Mesa's llvmpipe, Windows' WARP; Firefox hides which. */
export function isSoftware({ adapterInfo }: Pick<GPUDevice, 'adapterInfo'>): boolean {
  const { vendor, architecture, description, isFallbackAdapter } = adapterInfo;
  return isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|warp/i.test(`${vendor} ${architecture} ${description}`);
}
