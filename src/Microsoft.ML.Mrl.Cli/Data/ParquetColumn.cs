using System.Buffers.Binary;
using System.Globalization;
using Parquet;
using Parquet.Schema;

namespace Microsoft.ML.Mrl.Cli.Data;

/// <summary>Represents a column of one row group of a Parquet file, in memory.</summary>
internal sealed class ParquetColumn
{
    private readonly string?[]? _texts;
    private readonly float[]? _values;
    private readonly int[]? _starts;
    private readonly bool[]? _hasMissing;

    private ParquetColumn(string?[] texts) => _texts = texts;

    private ParquetColumn(float[] values, int[] starts, bool[] hasMissing) =>
        (_values, _starts, _hasMissing) = (values, starts, hasMissing);

    /// <summary>Gets the number of rows.</summary>
    public int Count => _texts?.Length ?? (_starts!.Length - 1);

    /// <summary>Determines whether a field holds something that becomes text, or vectors of numbers.</summary>
    public static bool CanRead(DataField field) => field.MaxRepetitionLevel switch
    {
        0 => field.ClrType == typeof(ReadOnlyMemory<char>) || field.ClrType == typeof(bool) || IsNumber(field.ClrType),
        1 => IsNumber(field.ClrType),
        _ => false,
    };

    /// <summary>Reads a column.</summary>
    /// <param name="group">The row group.</param>
    /// <param name="field">The column, which <see cref="CanRead"/> allows or which is of half precision.</param>
    /// <param name="isHalf">Whether the two bytes of each value are a number of half precision.</param>
    public static Task<ParquetColumn> ReadAsync(ParquetRowGroupReader group, DataField field, bool isHalf = false)
    {
        Type type = field.ClrType;
        return isHalf ? HalvesAsync(group, field)
            : type == typeof(ReadOnlyMemory<char>) ? TextsAsync<ReadOnlyMemory<char>>(group, field, value => value.ToString())
            : type == typeof(bool) ? TextsAsync<bool>(group, field, value => value ? "true" : "false")
            : type == typeof(float) ? NumbersAsync<float>(group, field, value => value)
            : type == typeof(double) ? NumbersAsync<double>(group, field, value => (float)value)
            : type == typeof(byte) ? NumbersAsync<byte>(group, field, value => value)
            : type == typeof(sbyte) ? NumbersAsync<sbyte>(group, field, value => value)
            : type == typeof(short) ? NumbersAsync<short>(group, field, value => value)
            : type == typeof(ushort) ? NumbersAsync<ushort>(group, field, value => value)
            : type == typeof(int) ? NumbersAsync<int>(group, field, value => value)
            : type == typeof(uint) ? NumbersAsync<uint>(group, field, value => value)
            : type == typeof(long) ? NumbersAsync<long>(group, field, value => value)
            : type == typeof(ulong) ? NumbersAsync<ulong>(group, field, value => value)
            : NumbersAsync<decimal>(group, field, value => (float)value);
    }

    /// <summary>Returns the text of a row, empty where it is missing.</summary>
    public string Text(int row) => _texts![row] ?? "";

    /// <summary>Returns the vector of a row, empty where it is missing.</summary>
    /// <param name="row">The row of the group, from 0.</param>
    /// <param name="hasMissing">Whether a value within the vector is missing.</param>
    public ReadOnlySpan<float> Vector(int row, out bool hasMissing)
    {
        hasMissing = _hasMissing![row];
        return _values.AsSpan(_starts![row].._starts[row + 1]);
    }

    private static Task<ParquetColumn> HalvesAsync(ParquetRowGroupReader group, DataField field) => field.MaxRepetitionLevel > 0
        ? VectorsAsync<ReadOnlyMemory<byte>>(group, field, bytes => (float)ToHalf(bytes))
        : TextsAsync<ReadOnlyMemory<byte>>(group, field, bytes => ToHalf(bytes).ToString(CultureInfo.InvariantCulture));

    private static Half ToHalf(ReadOnlyMemory<byte> bytes) => bytes.Length == 2
        ? BinaryPrimitives.ReadHalfLittleEndian(bytes.Span)
        : throw new InvalidDataException($"a value of half precision has {bytes.Length} bytes");

    private static bool IsNumber(Type type) => type == typeof(float) || type == typeof(double) || type == typeof(decimal)
        || type == typeof(byte) || type == typeof(sbyte) || type == typeof(short) || type == typeof(ushort)
        || type == typeof(int) || type == typeof(uint) || type == typeof(long) || type == typeof(ulong);

    private static Task<ParquetColumn> NumbersAsync<T>(ParquetRowGroupReader group, DataField field, Func<T, float> number)
        where T : struct, IFormattable => field.MaxRepetitionLevel > 0
        ? VectorsAsync(group, field, number)
        : TextsAsync<T>(group, field, value => value.ToString(null, CultureInfo.InvariantCulture));

    private static async Task<ParquetColumn> TextsAsync<T>(ParquetRowGroupReader group, DataField field, Func<T, string> text)
        where T : struct
    {
        (T[] values, int[] definitions, _) = await ReadRawAsync<T>(group, field);
        var texts = new string?[definitions.Length];
        for (int row = 0, next = 0; row < texts.Length; row++)
        {
            texts[row] = definitions[row] == field.MaxDefinitionLevel ? text(values[next++]) : null;
        }
        return new ParquetColumn(texts);
    }

    private static async Task<ParquetColumn> VectorsAsync<T>(ParquetRowGroupReader group, DataField field, Func<T, float> number)
        where T : struct
    {
        (T[] values, int[] definitions, int[] repetitions) = await ReadRawAsync<T>(group, field);
        var numbers = new float[values.Length];
        var starts = new List<int>();
        var missing = new List<bool>();
        // Below this level the list itself is missing or empty. Between this level and the highest one a value of it is missing.
        int ofEmptyList = field.IsNullable ? field.MaxDefinitionLevel - 1 : field.MaxDefinitionLevel;
        int count = 0;
        for (int i = 0; i < definitions.Length; i++)
        {
            if (repetitions[i] == 0)
            {
                starts.Add(count);
                missing.Add(false);
            }
            if (definitions[i] == field.MaxDefinitionLevel)
            {
                numbers[count] = number(values[count]);
                count++;
            }
            else if (definitions[i] >= ofEmptyList)
            {
                missing[^1] = true;
            }
        }
        starts.Add(count);
        return new ParquetColumn(numbers, [.. starts], [.. missing]);
    }

    private static async Task<(T[] Values, int[] Definitions, int[] Repetitions)> ReadRawAsync<T>(
        ParquetRowGroupReader group, DataField field)
        where T : struct
    {
        long count = group.GetMetadata(field)!.MetaData!.NumValues;
        var values = new T[count];
        int[]? definitions = field.MaxDefinitionLevel > 0 ? new int[count] : null;
        int[]? repetitions = field.MaxRepetitionLevel > 0 ? new int[count] : null;
        await group.ReadRawAsync<T>(field, values, Levels(definitions), Levels(repetitions));
        return (values, definitions ?? new int[count], repetitions ?? []);

        // A null array would become a memory of no length, not none.
        static Memory<int>? Levels(int[]? levels) => levels is null ? default(Memory<int>?) : levels.AsMemory();
    }
}
