import Kernels
import Testing

/// Every kernel form says what it is, and its label says the same.
@Suite struct KernelIdentityTests {
  private static let (outputs, inputs) = (16, 64)
  /// Every eighth input of every second output: 15 of 16 weights are zero, 7 of 8 in strips of outputs.
  private static let weights: [Float] = (0..<outputs * inputs).map { place in
    place % inputs % 8 == 0 && place / inputs % 2 == 0 ? 100 : 0
  }
  private static let codes = weights.map { Int8($0) }
  private static let window = ConvolutionWindow(
    height: 8, width: 8, channels: 4, kernel: (5, 5), stride: (1, 1), dilation: (1, 1))

  /// What a kernel says of itself, what it should say, and how its label begins.
  private struct Case {
    let found: KernelIdentity
    let arithmetic: KernelIdentity.Arithmetic
    let label: String
    let isStorage: (KernelStorage) -> Bool

    init(
      _ found: KernelIdentity, _ arithmetic: KernelIdentity.Arithmetic, _ label: String,
      _ isStorage: @escaping (KernelStorage) -> Bool
    ) {
      self.found = found
      self.arithmetic = arithmetic
      self.label = label
      self.isStorage = isStorage
    }
  }

  private static func integers(_ bits: PackedWidth) -> [Int16] {
    let range = Int(bits.unsignedCodes.lowerBound)...Int(bits.unsignedCodes.upperBound)
    return (0..<outputs * inputs).map { Int16(range.lowerBound + $0 % range.count) }
  }

  private static func packed(_ bits: PackedWidth, _ table: KernelTable) -> PackedMatrix {
    integers(bits).withUnsafeBufferPointer {
      PackedMatrix(codes: $0, outputs: outputs, inputs: inputs, bits: bits, scales: [0.1], table: table)
    }
  }

  private static func dense(_ table: KernelTable) -> DenseMatrix {
    weights.withUnsafeBufferPointer {
      DenseMatrix(weights: $0, outputs: outputs, inputs: inputs, table: table)
    }
  }

  private static func half(_ format: HalfFormat, _ table: KernelTable) -> HalfMatrix {
    [UInt16](repeating: 0x3C00, count: outputs * inputs).withUnsafeBufferPointer {
      HalfMatrix(weights: $0, format: format, outputs: outputs, inputs: inputs, table: table)
    }
  }

  private static func products(_ table: KernelTable) -> [Case] {
    let dense = dense(table).identity
    var cases = [Case(dense, .float32, "f32 dense ") { $0 == .dense(.float32) }]
    for (format, name) in [(HalfFormat.float16, "f16"), (.bfloat16, "bf16")] {
      cases.append(
        Case(half(format, table).identity, .float32, "f32 × \(name) ") { $0 == .dense(.half(format)) })
    }
    let bytes = codes.withUnsafeBufferPointer {
      IntegerMatrix(weights: $0, outputs: outputs, inputs: inputs, scales: [1], table: table)
    }
    cases.append(Case(bytes.identity, .int8, "u8·s8 dense ") { $0 == .dense(.int8) })
    for bits in PackedWidth.allCases {
      cases.append(Case(packed(bits, table).identity, .float32, "f32 × \(bits) ") { $0 == .packed(bits) })
      guard bits != .eight else { continue }
      let integer = integers(bits).withUnsafeBufferPointer {
        PackedIntegerMatrix(
          codes: $0, outputs: outputs, inputs: inputs, bits: bits, scales: [1], table: table)
      }
      cases.append(Case(integer.identity, .int8, "u8 × \(bits) ") { $0 == .packed(bits) })
    }
    for (bits, count) in [(PackedWidth.four, 16), (.eight, 256)] {
      let places = [UInt8](repeating: 3, count: outputs * inputs)
      let table = places.withUnsafeBufferPointer {
        PackedMatrix(
          places: $0, levels: (0..<count).map { Float($0) * 0.3 }, outputs: outputs, inputs: inputs,
          scales: [1], table: table)
      }
      cases.append(Case(table.identity, .float32, "f32 × \(bits) table ") { $0 == .codebook(bits) })
    }
    let pair = FactorPair(
      first: Self.dense(table),
      second: weights.withUnsafeBufferPointer {
        DenseMatrix(weights: $0, outputs: inputs, inputs: outputs, table: table)
      })
    cases.append(
      Case(pair.identity, .float32, "factor pair: \(dense) + \(dense)") { $0 == .pair(dense, dense) })
    return cases
  }

  private static func zeros(_ table: KernelTable) -> [Case] {
    let floats = weights.withUnsafeBufferPointer {
      SparseMatrix(weights: $0, outputs: outputs, inputs: inputs, table: table)
    }
    let coded = codes.withUnsafeBufferPointer {
      SparseMatrix(codes: $0, outputs: outputs, inputs: inputs, scales: [1], table: table)
    }
    let blocks = weights.withUnsafeBufferPointer {
      BlockMatrix(weights: $0, outputs: outputs, inputs: inputs, table: table)
    }
    var cases = [
      Case(floats.identity, .float32, "sparse 94 %, f32 sparse ") {
        if case .sparse(.float32, let shares) = $0 { shares.zeros == 15 / 16 } else { false }
      },
      Case(coded.identity, .float32, "sparse 94 %, f32 × s8 sparse ") {
        if case .sparse(.int8, let shares) = $0 { shares.skipped == 15 / 16 } else { false }
      },
      Case(blocks.identity, .float32, "block-sparse 94 %, f32 blocks ") {
        if case .blocks(let shares) = $0 { shares.zeros == 15 / 16 && shares.skipped == 7 / 8 } else { false }
      },
    ]
    for pattern in KeepPattern.allCases {
      let matrix = weights.withUnsafeBufferPointer {
        PatternMatrix(weights: $0, outputs: outputs, inputs: inputs, pattern: pattern, table: table)
      }
      guard let matrix else { continue }
      cases.append(
        Case(matrix.identity, .float32, "\(pattern) sparse, f32 \(pattern) ") { $0 == .pattern(pattern) })
    }
    return cases
  }

  private static func convolutions(_ table: KernelTable) -> [Case] {
    let (floats, bytes) = (weights.prefix(100), codes.prefix(100))
    return floats.withUnsafeBufferPointer { floats in
      bytes.withUnsafeBufferPointer { bytes in
        [
          Case(
            DepthwiseConvolution(weights: floats, window: window, table: table).identity, .float32,
            "f32 depthwise "
          ) { $0 == .depthwise },
          Case(
            IntegerDepthwiseConvolution(weights: bytes, window: window, scales: [1], table: table).identity,
            .int8, "u8·s8 depthwise "
          ) { $0 == .depthwise },
          Case(
            DirectConvolution(weights: floats, outputs: 1, window: window, table: table).identity, .float32,
            "f32 direct "
          ) { $0 == .direct },
          Case(
            IntegerDirectConvolution(
              weights: bytes, outputs: 1, scales: [1], window: window, table: table
            ).identity, .int8, "u8·s8 direct "
          ) { $0 == .direct },
        ]
      }
    }
  }

  private static func computed(_ table: KernelTable) -> [Case] {
    [
      Case(DynamicProduct(table: table).identity, .float32, "f32 product ") { $0 == .computed },
      Case(
        Attention(.softmax(scale: 1), depth: 4, valueDepth: 4, table: table).identity, .float32,
        "f32 attention "
      ) { $0 == .attention(isLinear: false) },
      Case(
        Attention(.linear(epsilon: 1), depth: 4, valueDepth: 4, table: table).identity, .float32,
        "f32 linear attention "
      ) { $0 == .attention(isLinear: true) },
    ]
  }

  @Test(arguments: levels) func everyFormSaysWhatItIs(_ level: CPUFeatureLevel) {
    let table = KernelTable.for(level)
    let cases =
      Self.products(table) + Self.zeros(table) + Self.convolutions(table) + Self.computed(table)
    #expect(cases.count == 3 + 1 + 15 + 2 + 1 + 8 + 4 + 3)
    for item in cases {
      let found = item.found
      #expect(found.arithmetic == item.arithmetic && item.isStorage(found.storage), "\(found)")
      guard let code = found.code else {
        #expect("\(found)" == item.label)
        continue
      }
      #expect("\(found)" == item.label + "\(code)")
      #expect(code.level <= level)
      // The list that people are shown names the code that runs.
      let listed = table.forms.first { $0.formLabel == found.formLabel }
      if let listed { #expect(listed.code == code, "\(found)") }
    }
    #expect(Set(cases.map { "\($0.found)" }).count == cases.count, "labels tell forms apart")
  }

  @Test func theListOfFormsNamesEachOnce() {
    let forms = KernelTable.for(.portable).forms
    #expect(Set(forms.map(\.formLabel)).count == forms.count)
    #expect(forms.first?.formLabel == "dense float32")
    #expect(forms.first?.code.map { "\($0)" } == "4x16 portable")
    #expect(forms.first?.code?.tile == KernelCode.Tile(rows: 4, outputs: 16))
    #expect(forms.first { $0.storage == .depthwise }?.code?.tile == nil)
  }

  @Test func sharesSayWhatIsSkipped() {
    #expect(KeepPattern.allCases.map { KernelStorage.pattern($0).skipped } == [7, 6, 6, 4, 4].map { $0 / 8 })
    #expect(KernelStorage.dense(.float32).skipped == 0)
    let dense = Self.dense(.for(.portable)).identity
    #expect(KernelStorage.pair(dense, dense).skipped == nil)
    let sparse = Self.weights.withUnsafeBufferPointer {
      SparseMatrix(weights: $0, outputs: Self.outputs, inputs: Self.inputs, table: .for(.portable)).identity
    }
    let full = [Float](repeating: 1, count: 64).withUnsafeBufferPointer {
      SparseMatrix(weights: $0, outputs: 8, inputs: 8, table: .for(.portable)).identity
    }
    #expect(KernelIdentity(joining: [sparse, full])?.storage.skipped == 15.0 / 32)
    #expect(KernelIdentity(joining: [dense, dense]) == dense)
    #expect(KernelIdentity(joining: []) == nil)
  }

  @Test func fewerBitsAreFewerBytes() {
    let table = KernelTable.for(.portable)
    let widths: [PackedWidth] = [.one, .two, .three, .four, .five, .six, .eight]
    var bytes = widths.map { Self.packed($0, table).packedBytes }
    bytes += [Self.half(.float16, table).packedBytes, Self.dense(table).packedBytes]
    #expect(zip(bytes, bytes.dropFirst()).allSatisfy { $0 < $1 }, "\(bytes)")
    #expect(bytes.last == Self.outputs * Self.inputs * 4)
  }

  @Test func shortSharesAreNotAllOrNothing() {
    let labels = [0, 0.001, 0.91, 0.996, 1].map { "\(PercentLabel($0))" }
    #expect(labels == ["0 %", "1 %", "91 %", "99 %", "100 %"])
  }
}
