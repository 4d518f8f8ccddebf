import { abs, customGrad, type GradSaveFunc, mul, neg, step, sub, type Tensor } from '@tensorflow/tfjs-core';

/** `|a - b|`, value by value. Where both are equal its gradient is zero, as PyTorch's (TensorFlow.js alone gives -1). */
export const absoluteDifference = /* @__PURE__ */ customGrad((...inputs) => {
  const [a, b, save] = inputs as unknown as [Tensor, Tensor, GradSaveFunc];
  const difference = sub(a, b);
  save([difference]);
  return {
    value: abs(difference),
    gradFunc: (dy: Tensor, [saved]: Tensor[]) => {
      const gradient = mul(dy, sub(step(saved!), step(neg(saved!))));
      return [gradient, neg(gradient)];
    },
  };
});
