/** The model's configuration. */
export const configUrl: URL = new URL('../model/config.json', import.meta.url);

/** The model's weights, float16. Bundlers that know `new URL(…, import.meta.url)` copy the file. */
export const weightsUrl: URL = new URL('../model/diffusion_pytorch_model.safetensors', import.meta.url);
