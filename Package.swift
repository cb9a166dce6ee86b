// swift-tools-version: 6.1
import Foundation
import PackageDescription

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let toml = Target.Dependency.product(name: "TOMLKit", package: "TOMLKit")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")

/// The test targets to build, separated by commas; all of them where it is not set. `Scripts/test --filter` sets it, so
/// that the tests of one target do not wait for those of all.
let testTargets = ProcessInfo.processInfo.environment["PARETOP_TEST_TARGETS"].map {
  Set($0.split(separator: ",").map(String.init))
}

/// A target of the layer table, with its tests.
func layer(
  _ name: String, _ imports: [Target.Dependency] = [], tested with: [Target.Dependency] = [],
  testData: [String] = []
) -> [Target] {
  [
    .target(name: name, dependencies: imports),
    .testTarget(
      name: name + "Tests", dependencies: [.target(name: name)] + imports + with, exclude: testData),
  ]
}

func program(_ name: String, _ imports: [Target.Dependency], path: String? = nil) -> [Target] {
  [.executableTarget(name: name, dependencies: imports, path: path)]
}

/// What tests and benchmarks have in common.
func shared(_ name: String, _ imports: [Target.Dependency], path: String) -> [Target] {
  [.target(name: name, dependencies: imports, path: path)]
}

/// C code: kernels, or a thin shim over a library of the system.
func c(_ name: String, links library: String? = nil) -> [Target] {
  [.target(name: name, linkerSettings: library.map { [.linkedLibrary($0)] })]
}

/// The layers, the highest first, each target with what it imports: targets of lower lines only. This is the one such
/// table: the compiler lets a file import whatever its target reaches, so `Tests/ArchitectureTests` reads this text and
/// holds every import and docs/architecture.md against it.
let layers: [[[Target]]] = [
  [
    program(
      "paretop",
      [
        "Workbench", "Session", "Search", "Evaluation", "Compression", "Recipes", "Execution", "Gradients",
        "Operators", "ModelFormats", "Kernels", "GraphIR", "TensorCore", "TerminalUI", argumentParser,
      ]),
    program(
      "paretop-conformance",
      [
        "Execution", "Gradients", "Operators", "ModelFormats", "Kernels", "GraphIR", "TensorCore",
        argumentParser,
      ], path: "Tests/Conformance"),
    program(
      "paretop-bench",
      [
        "KernelCases", "Session", "Evaluation", "Compression", "Recipes", "Execution", "Kernels", "GraphIR",
        "TensorCore", "COpenBLAS",
      ], path: "Benchmarks"),
  ],
  [
    layer(
      "Workbench",
      [
        "TerminalUI", "Session", "Search", "Evaluation", "Compression", "Recipes", "GraphIR", "TensorCore",
        toml,
      ], testData: ["Golden"])
  ],
  [
    layer(
      "Session",
      [
        "Evaluation", "Compression", "Recipes", "Rewriting", "ModelFormats", "Operators", "GraphIR",
        "TensorCore", "COpenSSL", grdb,
      ])
  ],
  [layer("Search", ["Evaluation", "Compression", "Recipes", "TensorCore"])],
  [
    layer(
      "Evaluation",
      [
        "Compression", "Execution", "Recipes", "Gradients", "Rewriting", "Operators", "Kernels", "GraphIR",
        "TensorCore", "CZlib",
      ])
  ],
  [
    layer(
      "Compression",
      ["Recipes", "Gradients", "Rewriting", "Operators", "Kernels", "GraphIR", "TensorCore", "COpenBLAS"]),
    layer("Execution", ["Gradients", "Rewriting", "Operators", "Kernels", "GraphIR", "TensorCore"]),
  ],
  [
    layer("Recipes", [toml]),
    layer("Gradients", ["Rewriting", "Operators", "GraphIR", "TensorCore"]),
  ],
  [
    layer("Rewriting", ["Operators", "GraphIR", "TensorCore"]),
    layer("ModelFormats", ["Operators", "GraphIR", "TensorCore", "CZlib", protobuf, toml]),
  ],
  [
    shared("KernelCases", ["Kernels", "CKernels"], path: "Tests/KernelCases"),
    layer("Operators", ["GraphIR", "Kernels", "TensorCore"]),
  ],
  [
    layer("GraphIR", ["TensorCore"]),
    layer("Kernels", ["TensorCore", "CKernels"], tested: ["KernelCases"]),
    layer("TerminalUI", ["CNcurses", toml]),
  ],
  [
    layer("TensorCore"),
    c("CKernels"),
    c("CNcurses", links: "ncursesw"),
    c("COpenBLAS", links: "openblas"),
    c("COpenSSL", links: "crypto"),
    c("CZlib", links: "z"),
  ],
]

/// Tests of the whole rather than of a target.
let wholeTests: [Target] = [.testTarget(name: "ArchitectureTests"), .testTarget(name: "EndToEndTests")]

let package = Package(
  name: "paretop",
  products: [.executable(name: "paretop", targets: ["paretop"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
  ],
  targets: (layers.joined().joined() + wholeTests).filter {
    $0.type != .test || testTargets?.contains($0.name) ?? true
  },
  swiftLanguageModes: [.v6]
)
