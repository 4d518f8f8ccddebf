import { CheckpointError } from '@od-vae/core/base';

/** A refusal of the format before PyTorch 1.6, with the line of Python that writes the file anew. */
export function legacyTorchError(label: string): CheckpointError {
  const name = JSON.stringify(label.slice(label.lastIndexOf('/') + 1));
  const line = `import torch; torch.save(torch.load(${name}, map_location="cpu", weights_only=True), ${name})`;
  return new CheckpointError(
    `${label} has the format from before PyTorch 1.6, which is not read; write it anew in Python: ${line}`,
  );
}
