import Kernels
import Rewriting

extension ActivationQuantizer {
  /// As the kernels take it; zero points of uint8 codes lie in 0...255.
  var byteScale: ByteScale { ByteScale(scale: scale, zeroPoint: zeroPoint) }
}
