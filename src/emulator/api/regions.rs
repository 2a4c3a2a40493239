//! Regions: every one exists; these are the ones that are listed.

use serde_json::{Value, json};

use super::{Call, Reply};
use crate::emulator::error::ApiError;
use crate::emulator::store::Look;

const REGIONS: &[&str] = &[
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-5",
    "ap-southeast-7",
    "cn-beijing",
    "cn-chengdu",
    "cn-hangzhou",
    "cn-hongkong",
    "cn-huhehaote",
    "cn-qingdao",
    "cn-shanghai",
    "cn-shenzhen",
    "cn-wulanchabu",
    "cn-zhangjiakou",
    "eu-central-1",
    "eu-west-1",
    "me-central-1",
    "us-east-1",
    "us-west-1",
];

#[expect(clippy::unnecessary_wraps, reason = "a row of the table, like those that can fail")]
pub fn describe(_: &Call, _: &dyn Look) -> Result<Reply, ApiError> {
    let regions: Vec<Value> =
        REGIONS.iter().map(|region| json!({"LocalName": region, "RegionId": region})).collect();
    Ok(Reply::of(json!({"Regions": {"Region": regions}})))
}
