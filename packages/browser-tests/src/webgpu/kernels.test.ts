// The package's own tests of its kernels and errors, in a page. One file, so that they share the compiled shaders.
import '../../../backend-webgpu/src/kernels/causal-conv3d.test.ts';
import '../../../backend-webgpu/src/kernels/group-norm.test.ts';
import '../../../backend-webgpu/src/kernels/spatial-attention.test.ts';
import '../../../backend-webgpu/src/webgpu-backend.test.ts';
