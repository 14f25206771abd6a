using System.Text;
using Microsoft.ML.Mrl.Files;

namespace Microsoft.ML.Mrl.Tests.Files;

public class LineReaderTests
{
    [Fact]
    public void ReadLine_GivesTheLinesOfStringReader()
    {
        var random = new Random(1);
        for (int i = 0; i < 300; i++)
        {
            // Long enough to cross the reader's blocks, with ends of all kinds at their edges.
            var text = new StringBuilder();
            for (int parts = random.Next(12); parts > 0; parts--)
            {
                text.Append('x', random.Next(3) == 0 ? random.Next(20_000) : random.Next(3))
                    .Append(random.Next(4) switch { 0 => "\r", 1 => "\n", 2 => "\r\n", _ => "" });
            }
            using var expected = new StringReader(text.ToString());
            using var actual = new LineReader(new StringReader(text.ToString()), 1 << 20);
            string? line;
            do
            {
                line = expected.ReadLine();
                Assert.Equal(line, actual.ReadLine());
            }
            while (line is not null);
        }
    }

    [Fact]
    public void ReadLine_ThatNeverEnds_GivesOneCharacterMoreThanAllowed()
    {
        using var reader = new LineReader(new Endless(), 100_000);

        Assert.Equal(100_001, reader.ReadLine()!.Length);
    }

    private sealed class Endless : TextReader
    {
        public override int Read(char[] buffer, int index, int count)
        {
            buffer.AsSpan(index, count).Fill('x');
            return count;
        }

        public override int Read(Span<char> buffer)
        {
            buffer.Fill('x');
            return buffer.Length;
        }
    }
}
