import Compression
import Foundation
import Recipes
import Session
import Workbench

/// The lines of a sweep: written as they come, and read back to resume.
struct SweepFile {
  private let handle: FileHandle
  private let path: String?
  private let format: SweepFormat
  private let lineEnd: String
  private let measured: Set<MeasuredRecipe>

  /// Opens `path`, cutting off a last line that was not finished; nil is standard output.
  ///
  /// Two sweeps may write to one file at once: each takes its lock to look at the file and to append a line.
  /// - Throws: `VerbError` where the file holds something else, which leaves it as it is.
  init(path: String?, format: SweepFormat) throws {
    self.path = path
    self.format = format
    guard let path else {
      (handle, lineEnd, measured) = (.standardOutput, "\n", [])
      if let header = format.header { try Output.print(header) }
      return
    }
    let descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw VerbError.unwritable(path, String(cString: strerror(errno))) }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    self.handle = handle
    let rows = try SweepFile.locked(handle) { try SweepFile.prepare(handle, path, format) }
    (lineEnd, measured) = (rows.lineEnd, rows.measured)
  }

  /// Recipes that need not be measured again.
  func done(among recipes: [Recipe], origin: MeasurementOrigin) -> Set<Recipe> {
    Set(recipes.filter { measured.contains(MeasuredRecipe(origin: origin, recipe: $0)) })
  }

  /// How many of the file's rows were measured with something else: another model, another machine or version.
  /// - Throws: `VerbError.unwritable` where the file has rows of the same model on other data, from which no column would
  ///   tell new ones.
  func others(than origin: MeasurementOrigin) throws -> Int {
    if measured.contains(where: { $0.origin.model == origin.model && $0.origin.data != origin.data }) {
      throw VerbError.unwritable(
        path ?? "standard output",
        "it holds rows of this model on other data, or prepared otherwise; name another file")
    }
    return measured.count { $0.origin != origin }
  }

  func append(_ report: EvaluationReport) throws {
    let row = try format.row(report)
    try SweepFile.locked(handle) { try SweepFile.write(row + lineEnd, to: handle, path) }
  }

  /// What the file holds, made ready for the next row.
  private static func prepare(_ handle: FileHandle, _ path: String, _ format: SweepFormat) throws -> SweepRows
  {
    let bytes = isRegular(handle) ? try handle.readToEnd() ?? Data() : Data()
    let rows: SweepRows
    do { rows = try format.rows(in: bytes) } catch let error as SweepFileError {
      throw VerbError.unwritable(path, error.description)
    }
    if rows.wholeBytes < bytes.count { try handle.truncate(atOffset: UInt64(rows.wholeBytes)) }
    if bytes.isEmpty, let header = format.header { try write(header + rows.lineEnd, to: handle, path) }
    if rows.isLineOpen { try write(rows.lineEnd, to: handle, path) }
    return rows
  }

  private static func write(_ text: String, to handle: FileHandle, _ path: String?) throws {
    do {
      try handle.write(contentsOf: Data(text.utf8))
    } catch {
      throw VerbError.unwritable(path ?? "standard output", "the disk is full or the reader is gone")
    }
  }

  /// Runs `body` while no other sweep writes to the file. Where the file has no locks, it is run all the same.
  private static func locked<Value>(_ handle: FileHandle, _ body: () throws -> Value) rethrows -> Value {
    flock(handle.fileDescriptor, LOCK_EX)
    defer { flock(handle.fileDescriptor, LOCK_UN) }
    return try body()
  }

  /// A terminal or a pipe cannot be read back.
  private static func isRegular(_ handle: FileHandle) -> Bool {
    var status = stat()
    return fstat(handle.fileDescriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }
}
