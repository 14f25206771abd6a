using Microsoft.ML.Mrl.Cli.Data;

namespace Microsoft.ML.Mrl.Tests.Cli.Data;

public class LimitedReaderTests
{
    [Fact]
    public void Read_RecordsOfLines_MayBeAsLongAsTheLimitEach()
    {
        using var reader = new LimitedReader(new StringReader("abcd\nabcd\nabcde\n"), 4, endsWithLine: true);

        Assert.Equal(("abcd", "abcd"), (reader.ReadLine(), reader.ReadLine()));
        Assert.Contains(
            "more than 4 characters", Assert.Throws<InvalidDataException>(() => reader.ReadLine()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_Blocks_AreCountedFromWhereARecordBegins()
    {
        using var reader = new LimitedReader(new StringReader("0123456789"), 4);
        var block = new char[4];

        Assert.Equal(4, reader.Read(block, 0, 4));
        reader.BeginRecord();
        Assert.Equal(4, reader.Read(block, 0, 4));
        Assert.Throws<InvalidDataException>(() => reader.Read(block, 0, 1));
    }

    [Fact]
    public void Read_BlockWithTheEndOfALine_CountsWhatFollowsIt()
    {
        using var reader = new LimitedReader(new StringReader("0123456\n89AB"), 4, endsWithLine: true);

        Assert.Equal(12, reader.Read(new char[12]));
    }
}
