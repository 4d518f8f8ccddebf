// TensorFlow.js registers its gradients with its layers package; tfjs-core alone has none in Node.
import '@tensorflow/tfjs-layers';
