import { add, mul, reshape, type Scalar, sqrt, square, sum, type Tensor, tidy } from '@tensorflow/tfjs-core';

/** Euclidean length of all gradients together, as one number. */
export async function gradientNorm(gradients: readonly Tensor[]): Promise<number> {
  const norm = tidy(() => {
    let total: Tensor | undefined;
    for (const gradient of gradients) {
      const energy = sum(square(reshape(gradient, [gradient.size])));
      total = total ? add(total, energy) : energy;
    }
    return sqrt(total!) as Scalar;
  });
  const [value] = await norm.data();
  norm.dispose();
  return value!;
}

/** The gradients times a number; frees those that it was given. */
export function scaleGradients(gradients: readonly Tensor[], factor: number): Tensor[] {
  if (factor === 1) return [...gradients];
  return gradients.map((gradient) => {
    const scaled = tidy(() => reshape(mul(reshape(gradient, [gradient.size]), factor), gradient.shape));
    gradient.dispose();
    return scaled;
  });
}

/** The sums of two lists of gradients; frees both. */
export function addGradients(a: readonly Tensor[], b: readonly Tensor[]): Tensor[] {
  return a.map((gradient, index) => {
    const other = b[index]!;
    const total = tidy(() => {
      const [first, second] = [gradient, other].map((tensor) => reshape(tensor, [tensor.size]));
      return reshape(add(first!, second!), gradient.shape);
    });
    gradient.dispose();
    other.dispose();
    return total;
  });
}
